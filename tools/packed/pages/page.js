// What the pages have in common: who this is, whom to call, and what is shown.
const parameters = new URL(location.href).searchParams;

/** Whom this page calls as soon as it is registered; null for one that waits. */
export const to = parameters.get('to');

export async function token() {
  const answer = await fetch(`/demo/token?identity=${parameters.get('as')}`);
  return (await answer.json()).token;
}

export const remote = document.querySelector('video');

export function show(id, text) {
  document.getElementById(id).textContent = text;
}

export function onClick(id, act) {
  document.getElementById(id).addEventListener('click', act);
}

addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  show('state', `violation of ${violatedDirective} by ${blockedURI}`),
);
