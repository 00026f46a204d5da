// moonshine_onnx.mjs - the original weights in ONNX Runtime, greedy.
// SPDX-License-Identifier: Apache-2.0
//
// usage: node moonshine_onnx.mjs [--encoder] NODE_MODULES FOLDER ID...
//
// Hears FOLDER/ID.wav (16 kHz, 16 bit, mono) on one thread and prints
// `ID words`; with --encoder it runs the encoder alone and prints the processor
// seconds that this took. Models and vocabulary are those that
// tools/train/fetch.py put into $HEED_TRAIN_DIR.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';

const encoderOnly = process.argv[2] === '--encoder';
const [modules, folder, ...ids] = process.argv.slice(encoderOnly ? 3 : 2);
const require = createRequire(path.resolve(modules, 'x.js'));
const ort = require('onnxruntime-node');
const work = process.env.HEED_TRAIN_DIR ?? path.join(os.homedir(), 'heed-train');
const tiny = path.join(work, 'moonshine-ai-moonshine-js-0.1.29', 'package',
  'dist', 'model', 'tiny', 'quantized');
const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
const encoder = await ort.InferenceSession.create(
  path.join(tiny, 'encoder_model.onnx'), options);
const decoder = encoderOnly ? null : await ort.InferenceSession.create(
  path.join(tiny, 'decoder_model_merged.onnx'), options);

const LAYERS = 6, HEADS = 8, SIZE = 36, BOS = 1, EOS = 2;

/** The pieces of the vocabulary, in the package llama-tokenizer-js. */
function readPieces() {
  const source = fs.readFileSync(path.join(work, 'llama-tokenizer-js-1.2.2',
    'package', 'llama-tokenizer.js'), 'utf8');
  const blob = source.match(
    /llama_vocab_base64[^"'`]*["'`]([A-Za-z0-9+/=\s]{1000,})/)[1];
  return Buffer.from(blob, 'base64').toString('utf8').split('\n');
}

function readSamples(file) {
  const bytes = fs.readFileSync(file);
  const at = bytes.indexOf('data', 12, 'latin1') + 8;
  const out = new Float32Array((bytes.length - at) >> 1);
  for (let i = 0; i < out.length; i++)
    out[i] = bytes.readInt16LE(at + 2 * i) / 32768;
  return out;
}

function emptyCache() {
  const cache = {};
  for (let i = 0; i < LAYERS; i++)
    for (const side of ['decoder', 'encoder'])
      for (const kind of ['key', 'value'])
        cache[`past_key_values.${i}.${side}.${kind}`] = new ort.Tensor(
          'float32', new Float32Array(0), [0, HEADS, 1, SIZE]);
  return cache;
}

/** Takes over what the decoder keeps; the encoder's part comes once. */
function keep(cache, out, first) {
  for (const name of Object.keys(cache))
    if (first || name.includes('.decoder.'))
      cache[name] = out[name.replace('past_key_values', 'present')];
}

async function encode(samples) {
  const input = new ort.Tensor('float32', samples, [1, samples.length]);
  return (await encoder.run({ input_values: input })).last_hidden_state;
}

async function hear(samples) {
  const memory = await encode(samples);
  const limit = Math.ceil(samples.length / 16000 * 6.5) + 2;
  const cache = emptyCache();
  const tokens = [];
  for (let last = BOS; tokens.length < limit;) {
    const out = await decoder.run({
      input_ids: new ort.Tensor('int64', BigInt64Array.of(BigInt(last)), [1, 1]),
      encoder_hidden_states: memory,
      use_cache_branch: new ort.Tensor('bool', [tokens.length > 0], [1]),
      ...cache,
    });
    const logits = out.logits.data;
    last = 0;
    for (let i = 1; i < logits.length; i++)
      if (logits[i] > logits[last])
        last = i;
    if (last === EOS)
      break;
    keep(cache, out, tokens.length === 0);
    tokens.push(last);
  }
  return tokens;
}

async function timeEncoder(all) {
  if (all.length > 0)
    await encode(all[0]); // once, to get ready
  const before = process.cpuUsage();
  for (const samples of all)
    await encode(samples);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const pieces = readPieces();
if (encoderOnly)
  console.log(await timeEncoder(
    ids.map((id) => readSamples(path.join(folder, `${id}.wav`)))));
for (const id of encoderOnly ? [] : ids) {
  const tokens = await hear(readSamples(path.join(folder, `${id}.wav`)));
  const text = tokens.map((t) => pieces[t] ?? '').join('')
    .replace(/\u2581/g, ' ').trim();
  console.log(`${id} ${text}`);
}
