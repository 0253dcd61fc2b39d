// Times one ONNX file on ONNX Runtime: prints one JSON object, or an error line and exit code 3 where the package
// onnxruntime-node cannot be found.
//
//   node onnxruntime.mjs FILE THREADS SECONDS BATCH [FOLDER OF node_modules]
//
// Free dimensions are 1, and the first dimension of every input is multiplied by BATCH. Inputs are random, from -1
// to 1; integers are 1. The clock is read around each run; two runs before are not counted.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const [file, threads, seconds, batch, folder = process.cwd()] = process.argv.slice(2);

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

function tensor(metadata) {
  const dims = metadata.shape.map((dim) => (typeof dim === 'number' && dim > 0 ? dim : 1));
  if (dims.length > 0) dims[0] *= Number(batch);
  const count = dims.reduce((all, dim) => all * dim, 1);
  if (metadata.type === 'float32') return new ort.Tensor('float32', random(count), dims);
  if (metadata.type === 'int64') {
    return new ort.Tensor('int64', new BigInt64Array(count).fill(1n), dims);
  }
  if (metadata.type === 'int32') return new ort.Tensor('int32', new Int32Array(count).fill(1), dims);
  throw new Error(`input ${metadata.name} is of ${metadata.type}`);
}

const session = await ort.InferenceSession.create(file, {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
});
const feeds = Object.fromEntries(session.inputMetadata.map((one) => [one.name, tensor(one)]));
const samples = [];
for (let i = 0; i < 2; ++i) await session.run(feeds);
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
}));
