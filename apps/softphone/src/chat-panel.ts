import type { Call, CallMessage } from '@parley/client';
import { otherOf } from './calls.ts';
import { icon } from './icons.ts';
import { Cell, el, watch, type Readable, type Scope } from './view.ts';

export interface ChatOptions {
  readonly call: Call;
  readonly isOpen: Readable<boolean>;
  readonly unread: Cell<number>;
  readonly onMessage: (from: string, words: string) => void;
  readonly onProblem: (error: unknown) => void;
}

const LINE_MAX = 2000;
const LINES_MAX = 500;

/** Words beside the call. They go through the gateway and are kept nowhere: with the call they are gone. */
export function createChatPanel(
  { call, isOpen, unread, onMessage, onProblem }: ChatOptions,
  scope: Scope,
): HTMLElement {
  const lines = el('ol', { class: 'chat-lines', 'aria-label': 'Messages', 'data-testid': 'chat-lines' });
  const input = el('input', {
    id: 'chat-line',
    maxlength: LINE_MAX,
    placeholder: 'Write a message',
    autocomplete: 'off',
    enterkeyhint: 'send',
    'data-testid': 'chat-line',
  });
  const write = (words: string, whose: 'mine' | 'theirs'): void => {
    lines.append(
      el('li', { class: `chat-${whose}` }, [
        el('span', { class: 'visually-hidden' }, [
          whose === 'mine' ? 'You: ' : `${otherOf(call.store.getSnapshot())}: `,
        ]),
        words,
      ]),
    );
    while (lines.children.length > LINES_MAX) lines.firstElementChild?.remove();
    lines.scrollTop = lines.scrollHeight;
  };
  call.on(
    'messageReceived',
    (message) => {
      const words = wordsOf(message);
      if (words === undefined) return;
      write(words, 'theirs');
      if (!isOpen.getSnapshot()) unread.set(unread.getSnapshot() + 1);
      onMessage(otherOf(call.store.getSnapshot()), words);
    },
    { signal: scope },
  );
  watch(
    isOpen,
    (value) => value,
    (value) => {
      if (!value) return;
      unread.set(0);
      lines.scrollTop = lines.scrollHeight;
    },
    scope,
  );
  const send = (): void => {
    const words = input.value.trim();
    if (words === '') return;
    input.value = '';
    call
      .sendMessage({ content: words, contentType: 'text/plain', messageType: 'chat' })
      .then(() => write(words, 'mine'))
      .catch((error: unknown) => {
        // Nothing that was typed is lost.
        if (input.value === '') input.value = words;
        onProblem(error);
      });
  };
  return el(
    'section',
    {
      id: 'chat-panel',
      class: 'panel chat',
      'aria-label': 'Chat',
      hidden: true,
      'data-testid': 'chat-panel',
    },
    [
      lines,
      el(
        'form',
        { class: 'panel-form' },
        [
          el('label', { for: 'chat-line', class: 'visually-hidden' }, ['Message']),
          input,
          el('button', { type: 'submit', class: 'panel-button', 'aria-label': 'Send', title: 'Send' }, [
            icon('send'),
          ]),
        ],
        {
          submit: (event) => {
            event.preventDefault();
            send();
          },
        },
      ),
    ],
  );
}

/** What another program sends in a call may be anything; only words are shown. */
export function wordsOf({
  content,
  messageType,
}: Pick<CallMessage, 'content' | 'messageType'>): string | undefined {
  return messageType === 'chat' && typeof content === 'string' ? content.slice(0, LINE_MAX) : undefined;
}
