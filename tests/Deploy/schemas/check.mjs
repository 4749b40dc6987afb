// Checks lists of Kubernetes objects (a JSON array of arrays on standard input) against Kubernetes' own schemas, and prints
// each list's mistakes as an array of lines. The schemas are compiled and say nothing of fields they do not know; so each object is watched
// while it is checked, and a field that the schema never looks at is one that Kubernetes does not have.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

const require = createRequire(import.meta.url);
const groups = { 'keda.sh': '@kubernetes-models/keda', 'monitoring.coreos.com': '@kubernetes-models/prometheus-operator' };
const upper = (word) => word[0].toUpperCase() + word.slice(1);

// apps/v1 Deployment is IoK8sApiAppsV1Deployment; extensions carry their whole group in the name.
function schemaOf({ apiVersion, kind }) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  const home = groups[group];
  const name = home ? group.split('.').map(upper).join('') : `IoK8sApi${upper(group.split('.')[0])}`;
  const file = `./node_modules/${home ?? 'kubernetes-models'}/_schemas/${name}${upper(version)}${kind}.js`;
  if (!existsSync(new URL(file, import.meta.url))) throw new Error(`Kubernetes knows no ${apiVersion} ${kind}`);
  return require(file).validate;
}

function watched(value, path, seen) {
  if (value === null || typeof value !== 'object') return value;
  const inner = new Map();
  return new Proxy(value, {
    get(target, key) {
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return target[key];
      seen.add(`${path}/${key}`);
      if (!inner.has(key)) inner.set(key, watched(target[key], `${path}/${key}`, seen));
      return inner.get(key);
    },
    // A schema that walks over all keys takes any key: a map.
    ownKeys(target) {
      for (const key of Reflect.ownKeys(target)) if (typeof key === 'string') seen.add(`${path}/${key}`);
      return Reflect.ownKeys(target);
    },
  });
}

function unknown(value, path, seen) {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, child]) =>
    seen.has(`${path}/${key}`) ? unknown(child, `${path}/${key}`, seen) : [`${path}/${key}: unknown field`]);
}

function mistakes(object) {
  const name = `${object.kind} ${object.metadata?.name}`;
  const seen = new Set();
  let validate;
  try { validate = schemaOf(object); } catch (problem) { return [`${name}: ${problem.message}`]; }
  validate(watched(object, '', seen));
  const wrong = (validate.errors ?? []).map((e) => `${e.instancePath}: ${e.keyword} ${JSON.stringify(e.params)}`);
  return [...wrong, ...unknown(object, '', seen)].map((line) => `${name} ${line}`);
}

console.log(JSON.stringify(JSON.parse(await text(process.stdin)).map((list) => list.flatMap(mistakes))));
