// Lints the OpenAPI document on standard input. Prints one line a problem; nothing when there is none.
import { createConfig, lintFromString } from '@redocly/openapi-core';

let source = '';
for await (const chunk of process.stdin) source += chunk;
const config = await createConfig({ extends: ['recommended-strict'], rules: { 'no-server-example.com': 'error', 'operation-4xx-response': 'error', 'tag-description': 'error', 'no-unused-components': 'error' } });
const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
for (const p of problems) console.log(`${p.severity} ${p.ruleId}: ${p.message} (${p.location?.map(l => l.pointer).join(', ')})`);
