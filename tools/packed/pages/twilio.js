import { Device } from '@parley/client/compat/twilio';
import { onClick, show, to, token } from './page.js';

const device = new Device(await token());
const take = (call) => {
  show('call', call.status());
  for (const name of ['accept', 'ringing', 'disconnect', 'cancel', 'reject'])
    call.on(name, () => show('call', `${name}: ${call.status()}`));
  onClick('answer', () => call.accept());
  onClick('hang-up', () => call.disconnect());
};
device.on('registered', () => show('state', device.state));
device.on('incoming', take);
await device.register();
if (to !== null) take(await device.connect({ params: { To: to } }));
