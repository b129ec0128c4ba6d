/** Which part may import which: section 3 of the design. `npm run boundaries` also proves that the rules bite. */
const only = (name, from, to, comment) => ({ name, severity: 'error', comment, from: { path: from }, to });
const OUTSIDE_LAMBDAS = '^(lib|local|bin|test|scripts)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    only(
      'core-is-pure',
      '^lambdas/core/',
      { pathNot: '^(lambdas/core/|node_modules/zod/)' },
      'core imports nothing outside core but zod',
    ),
    only(
      'runtime-knows-no-aws',
      '^lambdas/runtime/',
      { path: '(^lambdas/(aws|systems|producer|query)/|node_modules/(@aws-|@smithy/|aws-))' },
      'the runtime reaches AWS through ports',
    ),
    only(
      'systems-are-pure',
      '^lambdas/systems/(?!.*/handler\\.ts$)',
      { pathNot: '^(lambdas/(core|systems)/|node_modules/zod/)' },
      'only a handler wires a system to AWS',
    ),
    only(
      'infra-reads-manifests-only',
      '^(lib|bin/app\\.ts)',
      {
        path: '^lambdas/',
        pathNot: '^lambdas/(core/(names|manifest|adapter)\\.ts|systems/registry\\.ts|systems/[^/]+/system\\.ts)$',
      },
      'infrastructure knows systems by their manifests',
    ),
    only(
      'producer-stands-alone',
      '^lambdas/producer/',
      {
        path: '^lambdas/',
        pathNot: '^lambdas/(producer|core)/|^lambdas/aws/service-errors\\.ts$',
      },
      'the producer library is usable without the runtime and the systems',
    ),
    only(
      'lambdas-stand-alone',
      '^lambdas/',
      { path: OUTSIDE_LAMBDAS },
      'functions are bundled without infrastructure and tools',
    ),
    only(
      'infra-knows-no-local-cloud',
      '^lib/',
      { path: '^(local|test|scripts)/' },
      'infrastructure is deployed without the local cloud',
    ),
    only(
      'engine-stands-alone',
      '^local/esm/',
      { path: '^(lambdas|lib|bin|test)/|^local/(?!esm/)' },
      'the event source mapping engine knows nothing of Millrace',
    ),
    only(
      'no-tests-in-code',
      '^(lib|local|bin|lambdas|scripts)/',
      { path: '^test/' },
      'tests are no part of the product',
    ),
    only(
      'any-endpoint-knows-no-local-cloud',
      '^test/e2e/any-endpoint',
      { path: '^local/' },
      'the suite finds a stage by the AWS SDK, wherever it runs',
    ),
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'types may refer to one another; code may not',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependencies-in-functions',
      severity: 'error',
      from: { path: '^lambdas/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // They are checked where they are copied to.
    exclude: { path: '^examples/add-a-system/files/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
