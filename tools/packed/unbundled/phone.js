// A phone that answers with a camera, and calls whom its address says. Nothing of it is built.
const parameters = new URL(location.href).searchParams;
const byId = (id) => document.getElementById(id);
const show = (id, text) => {
  byId(id).textContent = text;
};

addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  show('state', `violation of ${violatedDirective} by ${blockedURI}`),
);

async function token() {
  const answer = await fetch(`/demo/token?identity=${parameters.get('as')}`);
  return (await answer.json()).token;
}

export async function phone(Device) {
  const gateway = parameters.get('gateway');
  const device = new Device(token, gateway === null ? {} : { url: gateway });
  const take = (call) => {
    call.media.attach(byId('remote'));
    const look = () => show('call', call.status());
    call.store.subscribe(look);
    look();
    byId('answer').addEventListener('click', () => call.accept({ video: true }));
    byId('hang-up').addEventListener('click', () => call.disconnect());
  };
  device.on('incoming', take);
  await device.register();
  show('state', device.state);
  const to = parameters.get('to');
  if (to !== null) take(await device.connect({ to, video: true, params: { Video: 'true' } }));
}
