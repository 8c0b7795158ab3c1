import { spawn } from 'node:child_process';
import os from 'node:os';
import process from 'node:process';

const OUTPUT_KEPT_CHARS_MAX = 1_000_000;

/**
 * @typedef {object} ChildOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} [deadlineMs]           the child is killed after this long, and the result says `timedOut`
 * @property {(line: string) => void} [onLine]  told each line of output as it comes
 */

/**
 * @typedef {object} ChildResult
 * @property {number} code      exit code; 128 + signal number where a signal ended it; 127 where it could not start
 * @property {string} output    standard output and standard error, as they came
 * @property {boolean} timedOut
 */

/**
 * Runs a program to its end and hands back what it said. It never rejects: a program that cannot start has code 127.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {ChildOptions} [options]
 * @returns {Promise<ChildResult>}
 */
export function capture(command, args, { cwd, env, deadlineMs, onLine } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let unfinishedLine = '';
    let timedOut = false;
    const take = (/** @type {Buffer} */ chunk) => {
      const text = chunk.toString();
      output = (output + text).slice(-OUTPUT_KEPT_CHARS_MAX);
      const lines = (unfinishedLine + text).split(/\r?\n/);
      unfinishedLine = lines.pop() ?? '';
      for (const line of lines) onLine?.(line);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const deadline = deadlineMs
      ? setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, deadlineMs)
      : undefined;
    const finish = (/** @type {number} */ code) => {
      clearTimeout(deadline);
      resolve({ code, output, timedOut });
    };
    child.on('error', (error) => {
      output += error.message;
      finish(127);
    });
    child.on('close', (code, signal) => finish(exitCode(code, signal)));
  });
}

/**
 * Runs a program that talks to the person directly, and resolves with its exit code.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function show(command, args, { cwd, env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: 'inherit' });
    // Ctrl-C reaches the child as well, and the child decides what it means. We wait for it.
    const wait = () => {};
    process.on('SIGINT', wait);
    const finish = (/** @type {number} */ code) => {
      process.off('SIGINT', wait);
      resolve(code);
    };
    child.on('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      finish(127);
    });
    child.on('close', (code, signal) => finish(exitCode(code, signal)));
  });
}

/**
 * Becomes a long-running program, as far as anybody outside can tell: its output is ours, signals sent to us reach it
 * once, and we end as it ends.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>}
 */
export function become(command, args, { cwd, env }) {
  return new Promise((resolve) => {
    // In a group of its own: Ctrl-C goes to the whole foreground group, and the program would hear it from the terminal
    // and from us, which many programs take for "I said stop, now!". So only we hear it, and pass it on.
    const child = spawn(command, args, { cwd, env, stdio: 'inherit', detached: true });
    /** @type {NodeJS.Signals[]} */
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const forward = (/** @type {NodeJS.Signals} */ signal) => void child.kill(signal);
    for (const signal of signals) process.on(signal, forward);
    const finish = (/** @type {number} */ code) => {
      for (const signal of signals) process.off(signal, forward);
      resolve(code);
    };
    child.on('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      finish(127);
    });
    child.on('close', (code, signal) => finish(exitCode(code, signal)));
  });
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCode(code, signal) {
  if (code !== null) return code;
  return 128 + (signal ? (os.constants.signals[signal] ?? 0) : 0);
}
