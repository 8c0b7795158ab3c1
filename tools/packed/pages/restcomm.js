import { RestCommClient } from '@parley/client/compat/restcomm';
import { onClick, remote, show, to, token } from './page.js';

const phone = RestCommClient.Device;
const media = { 'remote-media': remote, 'video-enabled': true };
phone.incoming((connection) => {
  show('call', connection.status);
  onClick('answer', () => connection.accept(media));
});
phone.connect((connection) => show('call', connection.status));
phone.disconnect((connection) => show('call', connection.status));
phone.ready(() => {
  show('state', phone.status);
  if (to !== null) void phone.connect({ username: to, ...media, 'Custom-Headers': { Video: 'true' } });
});
onClick('hang-up', () => phone.disconnectAll());
phone.setup({ token });
