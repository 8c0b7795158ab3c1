// The published interfaces, as text that is reviewed: docs/api/<entry>.api.md. `pnpm api` writes them; `pnpm api --check`
// (part of "pnpm check") fails where they differ from the code. Reads the declarations that "pnpm build" makes.
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const REPORTS = path.join(HERE, '../api');
const ENTRIES = {
  client: ['client', 'index'],
  'client-testing': ['client', 'testing-entry'],
  'client-compat-twilio': ['client', 'compat/twilio'],
  'client-compat-restcomm': ['client', 'compat/restcomm'],
  'client-bindings': ['client', 'bindings-entry'],
  react: ['react', 'index'],
  vue: ['vue', 'index'],
};

const isChecking = process.argv.includes('--check');
await mkdir(REPORTS, { recursive: true });
let isSame = true;
for (const [name, [folder, entry]] of Object.entries(ENTRIES)) isSame = report(name, folder, entry) && isSame;
if (!isSame && isChecking) {
  console.error('The published interface has changed. Run "pnpm api", read the difference, and commit it.');
  process.exitCode = 1;
}

/** Whether the report is as it was. */
function report(/** @type {string} */ name, /** @type {string} */ folder, /** @type {string} */ entry) {
  const project = path.join(HERE, '../../packages', folder);
  const config = ExtractorConfig.prepare({
    configObjectFullPath: path.join(project, 'api-extractor.json'),
    packageJsonFullPath: path.join(project, 'package.json'),
    configObject: {
      projectFolder: project,
      mainEntryPointFilePath: path.join(project, 'dist', `${entry}.d.ts`),
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            module: 'nodenext',
            moduleResolution: 'nodenext',
            lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable'],
            types: [],
            skipLibCheck: true,
            strict: true,
          },
          files: [path.join(project, 'dist', `${entry}.d.ts`)],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: REPORTS,
        reportTempFolder: path.join(HERE, 'dist-api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.None },
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  const { apiReportChanged, errorCount } = Extractor.invoke(config, {
    localBuild: !isChecking,
    messageCallback: (message) => {
      // What it says about reports is said once, above, in words that name the command.
      if (
        message.logLevel !== ExtractorLogLevel.Error ||
        message.messageId === 'console-api-report-not-copied'
      )
        message.handled = true;
    },
  });
  if (apiReportChanged) console.log(`${name}: ${isChecking ? 'differs' : 'written'}`);
  return !apiReportChanged && errorCount === 0;
}
