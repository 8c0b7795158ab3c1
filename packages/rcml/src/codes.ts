/** One kind of notification: its number, and what its reader is told. */
export interface NotificationKind {
  /** RestComm's number where it has one, Twilio's otherwise. */
  readonly code: number;
  /** An `error` cost somebody a call or a step; a `warning` was read around. */
  readonly severity: 'error' | 'warning';
  /** What happened, in general. */
  readonly description: string;
  /** What would be right, in general. */
  readonly remedy: string;
}

/**
 * Every notification the product may write, by name. Numbers are shared where RestComm shares them, and
 * 12200 stands for whatever the document says that neither dictionary has a number for.
 */
export const notifications = {
  refusedByPolicy: warning(
    11001,
    'The action was refused by a rule of the account or the gateway, for example an address that is not allowed.',
    'Ask the operator which rule applies, use a token that permits the action, or a public address.',
  ),
  numberNotHosted: warning(
    11002,
    'A client dialled a number that no application here answers.',
    'Give the number an application, or dial a registered client.',
  ),
  outboundProxyMissing: warning(
    11004,
    'The call would leave through a SIP trunk, and none is configured.',
    'Configure a SIP trunk, or dial clients only.',
  ),
  destinationNotFound: error(
    11005,
    'The destination does not exist or cannot be reached.',
    'Check the name or the number that was dialled.',
  ),
  applicationMissing: error(
    11007,
    'No application answers this call.',
    'Name an application in the token, set the VoiceUrl of the client, or configure a default.',
  ),
  clientNotRegistered: error(
    11008,
    'The client is not registered, or nobody has that name.',
    'Check the spelling of the name (it is compared exactly) and that the browser is registered.',
  ),
  urlInvalid: error(
    11100,
    'A URL is missing or cannot be read.',
    'Write an absolute http or https URL, or one that is relative to the document.',
  ),
  callbackMissing: error(
    11101,
    'An attribute that must hold a callback URL is missing or empty.',
    'Give the attribute a URL.',
  ),
  fetchFailed: error(
    11200,
    'The web server answered, but not with success.',
    'Look into the log of the web server: it must answer with a status of 200 to 299 within 15 seconds.',
  ),
  connectionFailed: error(
    11205,
    'No connection to the web server, or no answer in time.',
    'Check that the server runs, is reachable from the gateway and answers within 15 seconds.',
  ),
  httpViolation: error(
    11206,
    'The answer of the web server is not HTTP.',
    'Check that the URL leads to a web server, and its scheme and port are right.',
  ),
  hostNameUnknown: error(11210, 'The host name of the URL is not known.', 'Check the host name in the URL.'),
  redirectsTooMany: error(
    11215,
    'The web server redirected more than three times, or too many documents in a row did nothing but lead to another.',
    'Use the URL at the end of the redirects, and look for documents that redirect to each other.',
  ),
  tlsFailed: error(
    11220,
    'The web server did not complete a TLS handshake that can be trusted.',
    'Check the certificate of the server: its name, its dates and its chain.',
  ),
  documentTooLarge: error(
    11750,
    'The document is larger than can be read.',
    'Keep a document within 64 KiB and 1000 elements.',
  ),
  documentUnreadable: error(
    12100,
    'The answer is not an RCML document.',
    'Answer with one <Response> element.',
  ),
  oddity: warning(
    12200,
    'Something in the document has no meaning here and was read around.',
    'Compare the document with the RCML reference.',
  ),
  contentTypeUnusable: error(
    12300,
    'The content type of the answer cannot be used.',
    'Answer with Content-Type text/xml.',
  ),
  internalFailure: error(
    12400,
    'The gateway failed while it ran the document.',
    'Report it with the CallSid; the log of the gateway has the details.',
  ),
  dialForbidden: error(
    13201,
    'A document that runs on the called side may not dial, join a conference or enqueue.',
    'Use Say, Play, Gather, Pause, Redirect and Hangup there, and dial in the document of the caller.',
  ),
  dialMethod: warning(13210, 'Dial: the method is neither GET nor POST.', 'Write GET or POST.'),
  dialTimeout: warning(13212, 'Dial: the timeout cannot be used.', 'Write a whole number of seconds.'),
  dialHangupOnStar: warning(13213, 'Dial: hangupOnStar cannot be used.', 'Write true or false.'),
  dialCallerId: error(
    13214,
    'Dial: the caller id cannot be used.',
    'Write a telephone number, or client: and a name.',
  ),
  dialNested: warning(
    13215,
    'Dial: something nested in it cannot be dialled.',
    'Nest Client, Number, Sip or Conference, with a Conference by itself.',
  ),
  dialTimeLimit: warning(13216, 'Dial: the time limit cannot be used.', 'Write a whole number of seconds.'),
  nounMethod: warning(13221, 'Dial: the method of a noun is neither GET nor POST.', 'Write GET or POST.'),
  sendDigits: warning(13222, 'Number: sendDigits cannot be sent.', 'Use 0-9, *, #, A-D and w only.'),
  targetMissing: error(
    13223,
    'Dial: a noun names nobody.',
    'Put the name or number between the tags, or into the attribute name.',
  ),
  conferenceMuted: warning(13230, 'Conference: muted cannot be used.', 'Write true or false.'),
  conferenceEnd: warning(13231, 'Conference: endConferenceOnExit cannot be used.', 'Write true or false.'),
  conferenceStart: warning(
    13232,
    'Conference: startConferenceOnEnter cannot be used.',
    'Write true or false.',
  ),
  soundUnavailable: warning(
    13233,
    'A sound (of Play, waitUrl or dialMusic) could not be fetched or played.',
    'Check that the URL answers with a sound in a format that can be played.',
  ),
  conferenceWaitMethod: warning(
    13234,
    'Conference: waitMethod is neither GET nor POST.',
    'Write GET or POST.',
  ),
  conferenceBeep: warning(13235, 'Conference: beep cannot be used.', 'Write true, false, onEnter or onExit.'),
  conferenceName: error(
    13237,
    'Conference: the room has no name.',
    'Put the name of the room between the tags, or into the attribute name.',
  ),
  conferenceFull: warning(
    13240,
    'Conference: there is no place in it.',
    'Let it be left, or raise maxParticipants; the document goes on.',
  ),
  nounsTooMany: error(13250, 'Dial: more than ten nouns.', 'Ring at most ten at once.'),
  gatherFinishOnKey: warning(13310, 'Gather: finishOnKey cannot be used.', 'Use 0-9, * and #, or nothing.'),
  gatherTimeout: warning(13313, 'Gather: the timeout cannot be used.', 'Write a whole number of seconds.'),
  gatherNumDigits: warning(13314, 'Gather: numDigits cannot be used.', 'Write a whole number from 1.'),
  gatherStartInputKey: warning(13315, 'Gather: startInputKey cannot be used.', 'Use 0-9, * and #.'),
  gatherNested: warning(
    13320,
    'Gather: something nested in it is no prompt.',
    'Nest Say, Play and Pause only.',
  ),
  gatherSayVoice: warning(
    13321,
    'Gather: the voice of a nested Say cannot be used.',
    'Use a voice that is installed.',
  ),
  gatherSayLoop: warning(
    13322,
    'Gather: the loop of a nested prompt cannot be used.',
    'Write a whole number.',
  ),
  gatherPlay: error(13325, 'Gather: a nested Play cannot be played.', 'Check the URL of the sound.'),
  playLoop: warning(13410, 'Play: loop cannot be used.', 'Write a whole number; 0 repeats without end.'),
  playEmpty: warning(13420, 'Play: there is nothing to play.', 'Put the URL of a sound between the tags.'),
  sayLoop: warning(13510, 'Say: loop cannot be used.', 'Write a whole number; 0 repeats without end.'),
  sayVoice: warning(13511, 'Say: the voice cannot be used.', 'Use a voice that is installed.'),
  sayLanguage: warning(13512, 'Say: the language cannot be used.', 'Use a language the voice speaks.'),
  sayEmpty: warning(13520, 'Say: there is nothing to say.', 'Put the words between the tags.'),
  recordMethod: warning(13610, 'Record: the method is neither GET nor POST.', 'Write GET or POST.'),
  recordLength: warning(
    13612,
    'Record: timeout, maxLength or media cannot be used.',
    'Write whole numbers of seconds, and audio_only, video_only or audio_video.',
  ),
  recordFinishOnKey: warning(
    13613,
    'Record: finishOnKey cannot be used.',
    'Use 0-9, * and #, or -1 for none.',
  ),
  recordingDiskFull: error(
    13630,
    'A recording could not begin, or ended early, because there is no more room for recordings.',
    'Delete recordings, keep them for fewer days, or raise the ceiling of the gateway.',
  ),
  recordingsTooMany: error(
    13631,
    'A recording could not begin: as many as may be are in progress.',
    'Record fewer calls at a time, or raise the ceiling of the gateway.',
  ),
  recordingFailed: error(
    13632,
    'A recording could not begin, or was lost; the call went on.',
    'Look into the log of the gateway for the sid of the recording.',
  ),
  redirectMethod: warning(13710, 'Redirect: the method is neither GET nor POST.', 'Write GET or POST.'),
  rejectReason: warning(13810, 'Reject: the reason is not known.', 'Write rejected or busy.'),
  pauseLength: warning(13910, 'Pause: the length cannot be used.', 'Write a whole number of seconds.'),
  gatherMethod: warning(14104, 'Gather: the method is neither GET nor POST.', 'Write GET or POST.'),
  videoMode: warning(15001, 'Video: the mode is not known.', 'Write mcu or sfu.'),
  videoResolution: warning(
    15002,
    'Video: the resolution is not known.',
    'Write QCIF, CIF, 4CIF, 16CIF, VGA or 720p.',
  ),
  videoLayout: warning(15003, 'Video: the layout is not known.', 'Write tile or linear.'),
  callNotRunning: error(
    21220,
    'The call is not in a state that can be changed.',
    'Read the call before changing it.',
  ),
  documentNotFound: warning(21402, 'The web server has no document at this URL (404).', 'Check the URL.'),
  parametersTooLarge: error(
    31103,
    'The custom parameters of a noun are larger than can be carried.',
    'Keep all keys and values within 4 KiB; send an id and look the rest up.',
  ),
} as const satisfies { readonly [name: string]: NotificationKind };

/** The name of a kind of notification. */
export type NotificationName = keyof typeof notifications;

const kindsByCode: ReadonlyMap<number, NotificationKind> = new Map(
  Object.values(notifications).map((kind) => [kind.code, kind]),
);

/** The kind of notification with this number, or undefined when we never write it. */
export function notificationByCode(code: number): NotificationKind | undefined {
  return kindsByCode.get(code);
}

function error(code: number, description: string, remedy: string): NotificationKind {
  return { code, severity: 'error', description, remedy };
}

function warning(code: number, description: string, remedy: string): NotificationKind {
  return { code, severity: 'warning', description, remedy };
}
