#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runCommand } from './cli/run-command.ts';
import { ConfigError, readConfig, type GatewayConfig } from './config.ts';
import { createGateway, type Gateway } from './gateway.ts';
import { createLog } from './log.ts';

/** Exit code for a configuration that cannot be meant (sysexits.h). */
const EX_CONFIG = 78;

async function main(): Promise<void> {
  const exitCode = await runCommand(process.argv.slice(2), {
    environment: process.env,
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
    readInput: () => buffer(process.stdin),
  });
  if (exitCode === undefined) return runGateway();
  process.exitCode = exitCode;
}

async function runGateway(): Promise<void> {
  let config: GatewayConfig;
  try {
    config = readConfig({ PARLEY_SOFTPHONE: builtSoftphone(), ...process.env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`The configuration cannot be read:\n${error.message}\n`);
    process.exitCode = EX_CONFIG;
    return;
  }
  const log = createLog({ level: config.logLevel });
  const gateway = await createGateway({ config, log, print: (line) => process.stdout.write(`${line}\n`) });
  process.stdout.write(greeting(gateway, config));
  stopOnSignal(gateway, config, (message) => log.info(message));
}

/** In the repository the sample phone lies next door, once it has been built. */
function builtSoftphone(): string | undefined {
  const dist = fileURLToPath(new URL('../../softphone/dist', import.meta.url));
  return existsSync(dist) ? dist : undefined;
}

function greeting(gateway: Gateway, config: GatewayConfig): string {
  const lines = [`Parley is ready at ${gateway.url}`];
  if (gateway.demo !== undefined && config.softphoneDir !== undefined) {
    lines.push(
      '',
      `  Open ${gateway.url}/?as=alice in one window and ${gateway.url}/?as=jenny in another,`,
      '  then call jenny. Also try to call:',
      ...gateway.demo.thingsToTry.map((line) => `    ${line}`),
      '',
      '  Ctrl-C ends it; calls that are up are told.',
    );
  }
  return `${lines.join('\n')}\n`;
}

/** The first signal drains, the second ends at once (D32). */
function stopOnSignal(gateway: Gateway, config: GatewayConfig, say: (message: string) => void): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(0);
    isStopping = true;
    // A person at a terminal wants her prompt back; a supervisor wants the calls to end by themselves.
    const waitMs = signal === 'SIGINT' ? 0 : config.drainMs;
    say('draining: no new calls are taken');
    gateway.drain(waitMs).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main().catch((error: unknown) => {
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The gateway could not start: ${sentence}\n`);
  process.exit(1);
});
