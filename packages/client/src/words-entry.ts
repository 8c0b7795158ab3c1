/** What errors and warnings mean, in sentences for people. One language is loaded, and only when it is asked for. */
export {
  inWords,
  loadWords,
  type InWords,
  type ProblemName,
  type Sentence,
  type Words,
} from './words/words.ts';
