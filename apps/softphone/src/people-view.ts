import type { Call, CallSnapshot, RemotePerson } from '@parley/client';
import { avatar } from './avatar.ts';
import { icon } from './icons.ts';
import { el, keepRows, watch, type Scope } from './view.ts';

/** Whether there are so many that one picture, or one name, does not stand for the other side. */
export function hasCrowd({ media, phase }: Pick<CallSnapshot, 'media' | 'phase'>): boolean {
  return phase === 'joined' && media.remotes.length > 1;
}

/** Everybody else in a conference, side by side: a picture or initials, and a name. */
export function createPeopleView(call: Call, scope: Scope): HTMLElement {
  const element = el('ul', { class: 'people', 'aria-label': 'In this conference', 'data-testid': 'people' });
  const show = keepRows<RemotePerson>(
    element,
    ({ id }) => id,
    (person, rowScope) => createTile(call, person, rowScope),
    scope,
  );
  watch(
    call.store,
    (snapshot) => (hasCrowd(snapshot) ? snapshot.media.remotes : []),
    (people) => {
      element.hidden = people.length === 0;
      element.dataset['count'] = String(people.length);
      show(people);
    },
    scope,
  );
  return element;
}

function createTile(call: Call, { id, identity }: RemotePerson, scope: Scope) {
  const picture = el('video', {
    autoplay: true,
    playsinline: true,
    'data-testid': `video-${identity}`,
  });
  picture.muted = true;
  const face = avatar(identity);
  const state = el('span', { class: 'tile-state' });
  const element = el('li', { class: 'tile', 'data-testid': `person-${identity}` }, [
    picture,
    face,
    el('span', { class: 'tile-name' }, [identity, state]),
  ]);
  const stop = call.media.attach(picture, id);
  scope.addEventListener('abort', () => stop(), { once: true });
  return {
    element,
    update({ video, isMuted, isOnHold }: RemotePerson): void {
      picture.hidden = video !== 'on';
      face.hidden = video === 'on';
      const words = isOnHold ? ' (on hold)' : ' (muted)';
      const isSilent = isMuted || isOnHold;
      state.replaceChildren(
        ...(isSilent ? [icon('microphoneOff'), el('span', { class: 'visually-hidden' }, [words])] : []),
      );
    },
  };
}
