import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { openApiDocument } from '../../../lambdas/query/openapi.ts';
import { systems } from '../../../lambdas/systems/registry.ts';
import { views } from '../../../lambdas/systems/views.ts';

const committed = JSON.parse(readFileSync(join(import.meta.dirname, '../../../openapi/millrace.json'), 'utf8'));

test('the committed document is current: npm run openapi writes it', () => {
  expect(committed).toEqual(JSON.parse(JSON.stringify(openApiDocument(views))));
});

test('the document is OpenAPI 3.1', async () => {
  const validator = new Validator();
  expect(await validator.validate(structuredClone(committed))).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

test('every system has a view of exactly the routes that its manifest has', () => {
  const ofManifests = systems.map(({ name, routes = [] }) => [name, routes.map(({ path }) => path).toSorted()]);
  const ofViews = views.map(({ system, routes }) => [system, routes.map(({ path }) => path).toSorted()]);
  expect(ofViews).toEqual(ofManifests.filter(([, routes]) => routes?.length !== 0));
  for (const { system, routes } of views) {
    const manifest = systems.find(({ name }) => name === system);
    for (const route of routes) {
      const declared = manifest?.routes?.find(({ path }) => path === route.path)?.index;
      expect(declared).toBe(route.kind === 'list' ? route.index.name : undefined);
    }
  }
});

test('operations have names of their own, and personal data is marked', () => {
  const operations = Object.values(committed.paths).map(
    (path) => (path as { get: { operationId: string } }).get.operationId,
  );
  expect(operations).toHaveLength(new Set(operations).size);
  const { GetProfileResponse, ListProfilesResponse } = committed.components.schemas;
  expect(GetProfileResponse.properties.id['x-pii']).toBe('pseudonym');
  expect(ListProfilesResponse.properties.items.items.properties.id['x-pii']).toBe('pseudonym');
});
