/** The two voices RCML has. */
export type Gender = 'man' | 'woman';

/** Names that documents written for other products carry. */
const WOMEN = new Set(
  (
    'alice aditi adriana amy andres aria arlet astrid ayanda bianca burcu camila carla carmen celine chantal conchita ' +
    'danielle dora elin emma filiz gabrielle gwyneth hala hannah hiujin ida ines isabelle ivy jihye joanna jenny kajal ' +
    'kendra kimberly lea liv lotte lucia lupe maja marlene mathieu mia mizuki naja nicole niamh nova ola olivia penelope ' +
    'raveena ruth salli seoyeon shimmer sofie suvi tatyana tomoko vicki vitoria zeina zhiyu'
  )
    .split(' ')
    .filter((name) => name !== 'mathieu' && name !== 'andres'),
);

/** Which of the two voices stands for one that was asked for. */
export interface VoiceChoice {
  readonly gender: Gender;
  /** False where another voice had been asked for. */
  readonly isExact: boolean;
}

/** The nearest of RCML's two voices. `alice` is what old documents of another product call a woman. */
export function chooseVoice(wanted: string): VoiceChoice {
  const word = wanted.trim().toLowerCase();
  if (word === '' || word === 'man' || word === 'male') return { gender: 'man', isExact: true };
  if (word === 'woman' || word === 'female' || word === 'alice') return { gender: 'woman', isExact: true };
  // `Polly.Joanna-Neural`, `Google.en-US-Standard-C`
  const name = word.slice(word.lastIndexOf('.') + 1).replace(/-(neural|generative|standard|chirp.*)$/, '');
  return { gender: WOMEN.has(name) || /\b(female|woman)\b/.test(word) ? 'woman' : 'man', isExact: false };
}
