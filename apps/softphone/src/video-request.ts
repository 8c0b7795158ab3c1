import type { Call, VideoRequest } from '@parley/client';
import { otherOf } from './calls.ts';
import { icon } from './icons.ts';
import { el, type Scope } from './view.ts';

/**
 * The other side asks for video. Nothing opens by itself: with one's own camera, only looking, or not at all. `say` is
 * for those who do not see the question.
 */
export function createVideoQuestion(
  call: Call,
  {
    say,
    onProblem,
  }: { readonly say: (sentence: string) => void; readonly onProblem: (error: unknown) => void },
  scope: Scope,
): HTMLElement {
  const words = el('p', { class: 'who', id: 'video-question' });
  const element = el(
    'section',
    {
      class: 'question',
      role: 'group',
      'aria-labelledby': 'video-question',
      hidden: true,
      'data-testid': 'video-question',
    },
    [words],
  );
  let request: VideoRequest | undefined;
  const close = (): void => {
    element.hidden = true;
    request = undefined;
  };
  const answer = (with_: (asked: VideoRequest) => Promise<void>) => (): void => {
    const asked = request;
    close();
    if (asked !== undefined) with_(asked).catch(onProblem);
  };
  element.append(
    el('div', { class: 'question-answers' }, [
      button(
        'video',
        'Turn on my camera',
        'video-accept',
        answer((asked) => asked.accept()),
      ),
      button(
        'screen',
        'Only watch',
        'video-watch',
        answer((asked) => asked.accept({ video: false })),
      ),
      button(
        'close',
        'Not now',
        'video-decline',
        answer((asked) => asked.decline()),
      ),
    ]),
  );
  call.on(
    'videoRequested',
    (asked) => {
      request = asked;
      words.textContent = `${otherOf(call.store.getSnapshot())} would like to make this a video call.`;
      element.hidden = false;
      say(words.textContent);
    },
    { signal: scope },
  );
  call.on('videoWithdrawn', close, { signal: scope });
  return element;
}

function button(
  face: 'video' | 'screen' | 'close',
  name: string,
  testId: string,
  onClick: () => void,
): HTMLElement {
  return el(
    'button',
    { type: 'button', class: 'button button-stage', 'data-testid': testId },
    [icon(face), name],
    { click: onClick },
  );
}
