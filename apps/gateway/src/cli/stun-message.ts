import { createHash, createHmac, randomBytes } from 'node:crypto';

/** As much of STUN and TURN (RFC 8489, RFC 8656) as it takes to ask a server for an allocation. */
export type StunMethod = 'allocate' | 'refresh';

const METHODS = { allocate: 0x0003, refresh: 0x0004 } as const;
const SUCCESS = 0x0100;
const FAILURE = 0x0110;
const COOKIE = 0x2112a442;
const HEADER_BYTES = 20;

const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const ERROR_CODE = 0x0009;
const LIFETIME = 0x000d;
const REALM = 0x0014;
const NONCE = 0x0015;
const REQUESTED_TRANSPORT = 0x0019;

/** What proves who asks: given by the server in its first, refusing answer, and by whoever made the credential. */
export interface StunCredential {
  readonly username: string;
  readonly password: string;
  readonly realm: string;
  readonly nonce: string;
}

export interface StunAnswer {
  /** 0: granted. */
  readonly errorCode: number;
  readonly realm: string;
  readonly nonce: string;
}

/** Writes a request. Without a credential it is refused, and the refusal says what the next must carry. */
export function stunRequest(method: StunMethod, credential: StunCredential | undefined): Buffer {
  const attributes = [
    method === 'allocate'
      ? attribute(REQUESTED_TRANSPORT, Buffer.from([17, 0, 0, 0]))
      : attribute(LIFETIME, Buffer.alloc(4)),
  ];
  if (credential !== undefined) {
    attributes.push(attribute(USERNAME, Buffer.from(credential.username)));
    attributes.push(attribute(REALM, Buffer.from(credential.realm)));
    attributes.push(attribute(NONCE, Buffer.from(credential.nonce)));
  }
  const transactionId = randomBytes(12);
  const body = Buffer.concat(attributes);
  if (credential === undefined) return message(METHODS[method], transactionId, body, body.length);
  // What is signed says how long it will be with its signature.
  const signed = message(METHODS[method], transactionId, body, body.length + 24);
  const { username, realm, password } = credential;
  const key = createHash('md5').update(`${username}:${realm}:${password}`).digest();
  const integrity = createHmac('sha1', key).update(signed).digest();
  return Buffer.concat([signed, attribute(MESSAGE_INTEGRITY, integrity)]);
}

/** Reads an answer; undefined for what is none. */
export function readStunAnswer(bytes: Buffer): StunAnswer | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32BE(4) !== COOKIE) return undefined;
  const type = bytes.readUInt16BE(0);
  const isFailure = (type & FAILURE) === FAILURE;
  if (!isFailure && (type & SUCCESS) !== SUCCESS) return undefined;
  const attributes = readAttributes(bytes);
  const error = attributes.get(ERROR_CODE);
  const code = error === undefined || error.length < 4 ? 0 : (error[2] ?? 0) * 100 + (error[3] ?? 0);
  return {
    errorCode: isFailure ? code : 0,
    realm: attributes.get(REALM)?.toString() ?? '',
    nonce: attributes.get(NONCE)?.toString() ?? '',
  };
}

function readAttributes(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  const endAt = Math.min(bytes.length, HEADER_BYTES + bytes.readUInt16BE(2));
  for (let at = HEADER_BYTES; at + 4 <= endAt;) {
    const length = bytes.readUInt16BE(at + 2);
    attributes.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length + padding(length);
  }
  return attributes;
}

function message(type: number, transactionId: Buffer, body: Buffer, length: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(length, 2);
  header.writeUInt32BE(COOKIE, 4);
  return Buffer.concat([header, transactionId, body]);
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(padding(value.length))]);
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}
