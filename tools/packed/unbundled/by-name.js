import { Device } from '@parley/client';
import { inWords, loadWords } from '@parley/client/words';
import { phone } from './phone.js';

const words = await loadWords(['de']);
document.title = inWords(words, { i18nKey: 'warning.speaking-while-muted' }).text;
await phone(Device);
// What is loaded later is found as well.
const { runPreflight } = await import('@parley/client/preflight');
document.documentElement.dataset.preflight = typeof runPreflight;
