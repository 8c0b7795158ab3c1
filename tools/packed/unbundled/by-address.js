import { Device } from './parley/index.js';
import { phone } from './phone.js';

await phone(Device);
