// Times one ONNX file on ONNX Runtime: prints one JSON object, or an error line and exit code 3 where the package
// onnxruntime-node cannot be found.
//
//   node onnxruntime.mjs FILE THREADS SECONDS BATCH [FOLDER OF node_modules [FOLDER OF flopmeter model --dump [profile]]]
//
// Inputs are those that flopmeter dumped, and its results are held against these: `difference` is the largest one
// over the largest value. Without a dump, free dimensions are 1, the first dimension of every input is multiplied by
// BATCH, and inputs are random, from -1 to 1; integers are 1. The clock is read around each run; two runs before are
// not counted. With `profile`, a second session profiles itself in as many further runs, up to 20: `by_operator` has
// the seconds a run of each kind of operator.
import { createRequire } from 'node:module';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const [file, threads, seconds, batch, folder = process.cwd(), dump = '', profile = ''] = process.argv.slice(2);
const dumped = dump ? JSON.parse(readFileSync(join(dump, 'index.json'), 'utf8')) : null;

let ort;
try {
  ort = createRequire(join(folder, 'found_from_here.js'))('onnxruntime-node');
} catch (error) {
  console.error(`onnxruntime-node is not installed in ${folder}: ${error.code}`);
  process.exit(3);
}

function random(count) {
  const numbers = new Float32Array(count);
  let state = 1;
  for (let i = 0; i < count; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    numbers[i] = state / 2147483648 - 1;
  }
  return numbers;
}

function floats(one) {
  const bytes = readFileSync(join(dump, one.file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function typed(name, type, numbers, dims) {
  if (type === 'float32') return new ort.Tensor('float32', numbers, dims);
  if (type === 'int64') return new ort.Tensor('int64', BigInt64Array.from(numbers, (n) => BigInt(Math.round(n))), dims);
  if (type === 'int32') return new ort.Tensor('int32', Int32Array.from(numbers), dims);
  if (type === 'bool') return new ort.Tensor('bool', Uint8Array.from(numbers), dims);
  throw new Error(`input ${name} is of ${type}`);
}

function tensor(metadata) {
  const given = dumped && dumped.inputs.find((one) => one.name === metadata.name);
  if (dumped && !given) throw new Error(`input ${metadata.name} is not among those of the dump`);
  if (given) return typed(metadata.name, metadata.type, floats(given), given.dims);
  const dims = metadata.shape.map((dim) => (typeof dim === 'number' && dim > 0 ? dim : 1));
  if (dims.length > 0) dims[0] *= Number(batch);
  const count = dims.reduce((all, dim) => all * dim, 1);
  return typed(metadata.name, metadata.type, metadata.type === 'float32' ? random(count) : new Float32Array(count).fill(1), dims);
}

// The largest difference over the largest value, over all results that both have.
function difference(results) {
  let worst = 0;
  for (const one of dumped.results) {
    if (!(one.name in results)) throw new Error(`result ${one.name} is not among those of the session`);
    const [ours, theirs] = [floats(one), results[one.name].data];
    if (ours.length !== theirs.length) throw new Error(`result ${one.name} has ${theirs.length} numbers, not ${ours.length}`);
    let [far, largest] = [0, 0];
    for (let i = 0; i < ours.length; ++i) {
      far = Math.max(far, Math.abs(ours[i] - Number(theirs[i])));
      largest = Math.max(largest, Math.abs(Number(theirs[i])));
    }
    worst = Math.max(worst, largest > 0 ? far / largest : far);
  }
  return worst;
}

const options = { intraOpNumThreads: Number(threads), interOpNumThreads: 1, graphOptimizationLevel: 'all' };

async function secondsByOperator(feeds, runs) {
  const place = mkdtempSync(join(tmpdir(), 'profile-'));
  const session = await ort.InferenceSession.create(file, {
    ...options, enableProfiling: true, profileFilePrefix: join(place, 'run'),
  });
  for (let i = 0; i < runs; ++i) await session.run(feeds);
  session.endProfiling();
  const events = JSON.parse(readFileSync(join(place, readdirSync(place)[0]), 'utf8'));
  rmSync(place, { recursive: true });
  // Each node runs once a run; the first two runs are left out.
  const seen = {};
  const sums = {};
  for (const event of events) {
    if (event.cat !== 'Node' || !event.name.endsWith('_kernel_time')) continue;
    seen[event.name] = (seen[event.name] ?? 0) + 1;
    if (seen[event.name] > 2) sums[event.args.op_name] = (sums[event.args.op_name] ?? 0) + event.dur / 1e6 / (runs - 2);
  }
  return sums;
}

const session = await ort.InferenceSession.create(file, options);
const feeds = Object.fromEntries(session.inputMetadata.map((one) => [one.name, tensor(one)]));
const samples = [];
let results;
for (let i = 0; i < 2; ++i) results = await session.run(feeds);
const end = performance.now() + 1000 * Number(seconds);
while (samples.length < 5 || performance.now() < end) {
  const begin = performance.now();
  await session.run(feeds);
  samples.push((performance.now() - begin) / 1000);
}
samples.sort((a, b) => a - b);
console.log(JSON.stringify({
  engine: 'ONNX Runtime',
  version: ort.env.versions.node ?? ort.env.versions.common,
  latency_seconds: samples[Math.floor(samples.length / 2)],
  runs: samples.length,
  difference: dumped ? difference(results) : null,
  by_operator: profile ? await secondsByOperator(feeds, 2 + Math.min(samples.length, 20)) : null,
}));
