export { describeIssues } from '../../core/issues.ts';
