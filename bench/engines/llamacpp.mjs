// Times one GGUF file on llama.cpp: prints one JSON object, or an error line and exit code 3 where the package
// node-llama-cpp cannot be found.
//
//   node llamacpp.mjs FILE THREADS TOKENS PAST SECONDS [FOLDER OF node_modules]
//
// A prompt of TOKENS tokens behind nothing, then single tokens behind PAST and more; the clock is read around each
// evaluation. The first of both is not counted.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

const [file, threads, tokens, past, seconds, folder = process.cwd()] = process.argv.slice(2);
let llamacpp;
try {
  const found = createRequire(join(folder, 'found_from_here.js')).resolve('node-llama-cpp');
  llamacpp = await import(pathToFileURL(found));
} catch (error) {
  console.error(`node-llama-cpp is not installed in ${folder}: ${error.code}`);
  process.exit(3);
}

const single = 64; // at most: a cache of that many behind PAST
const llama = await llamacpp.getLlama({ gpu: false, build: 'never', progressLogs: false, logLevel: 'error' });
const model = await llama.loadModel({ modelPath: file });
const context = await model.createContext({
  contextSize: Math.max(Number(tokens), Number(past) + single) + 1,
  threads: Number(threads),
  batchSize: Math.max(Number(tokens), Number(past), 1),
});
const sequence = context.getSequence();
const drawn = (count) => Array.from({ length: count }, (_, i) => 259 + ((i * 7919) % 30000));

async function secondsOf(list) {
  const begin = performance.now();
  await sequence.evaluateWithoutGeneratingNewTokens(list);
  return (performance.now() - begin) / 1000;
}

function median(samples) {
  samples.sort((a, b) => a - b);
  return samples[Math.floor(samples.length / 2)];
}

async function prompts() {
  const samples = [];
  for (let spent = 0; samples.length < 3 || spent < Number(seconds); ) {
    await sequence.clearHistory();
    samples.push(await secondsOf(drawn(Number(tokens))));
    spent += samples.at(-1);
  }
  return median(samples.slice(1));
}

async function singles() {
  await sequence.clearHistory();
  await secondsOf(drawn(Number(past)));
  const samples = [];
  for (let spent = 0; samples.length < single && (samples.length < 8 || spent < Number(seconds)); ) {
    samples.push(await secondsOf([259 + samples.length]));
    spent += samples.at(-1);
  }
  return median(samples.slice(1));
}

console.log(JSON.stringify({
  engine: 'llama.cpp',
  prefill_seconds: await prompts(),
  decode_seconds: await singles(),
}));
process.exit(0);
