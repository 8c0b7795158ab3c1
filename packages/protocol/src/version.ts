/** The WebSocket subprotocol. A new major version of the wire has a new name. */
export const SUBPROTOCOL = 'parley.v1';
export const WIRE_VERSION = 1;
