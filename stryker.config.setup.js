import fc from 'fast-check';

// A property that fails has caught its mutant: its smallest example would cost hundreds of runs and is shown to nobody.
fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });
