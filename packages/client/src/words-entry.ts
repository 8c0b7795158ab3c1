/** What errors and warnings mean, in sentences for people. One language is loaded, and only when it is asked for. */
export { inWords, type InWords, type ProblemName, type Sentence, type Words } from './words/in-words.ts';
export { loadWords } from './words/load-words.ts';
