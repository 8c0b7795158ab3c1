import type { Words } from './in-words.ts';

export const de: Words = {
  locale: 'de',
  problems: {
    'microphone-denied': [
      'Das Mikrofon ist nicht erlaubt.',
      'Erlauben Sie es in den Einstellungen dieser Seite und versuchen Sie es erneut.',
    ],
    'microphone-in-use': [
      'Das Mikrofon lässt sich nicht benutzen.',
      'Schließen Sie andere Programme, die es benutzen, oder wählen Sie ein anderes.',
    ],
    'microphone-missing': ['Es ist kein Mikrofon da.', 'Schließen Sie eines an und versuchen Sie es erneut.'],
    'camera-denied': [
      'Die Kamera ist nicht erlaubt.',
      'Erlauben Sie sie in den Einstellungen dieser Seite und versuchen Sie es erneut.',
    ],
    'camera-in-use': [
      'Die Kamera lässt sich nicht benutzen.',
      'Schließen Sie andere Programme, die sie benutzen, oder wählen Sie eine andere.',
    ],
    'camera-missing': ['Es ist keine Kamera da.', 'Schließen Sie eine an, oder machen Sie ohne weiter.'],
    'insecure-page': ['Diese Seite darf das Mikrofon nicht benutzen.', 'Öffnen Sie sie mit https:// davor.'],
    'no-connection': ['Es besteht keine Verbindung.', 'Prüfen Sie Ihr Netz. Wir versuchen es weiter.'],
    'signed-out': ['Sie sind abgemeldet.', 'Melden Sie sich neu an.'],
    'not-allowed': ['Das ist Ihnen nicht erlaubt.', 'Fragen Sie, wer Ihnen das Konto gegeben hat.'],
    'no-way': [
      'Der Ton kommt nicht durch.',
      'Vielleicht ist eine Firewall oder ein VPN im Weg; versuchen Sie ein anderes Netz.',
    ],
    'old-browser': [
      'Dieser Browser ist zu alt zum Telefonieren.',
      'Aktualisieren Sie ihn, oder nehmen Sie einen anderen.',
    ],
    'call-over': ['Das Gespräch ist beendet.', ''],
    'answered-elsewhere': ['Der Anruf wurde an einem anderen Gerät angenommen.', ''],
    'too-much': ['Das war zu viel auf einmal.', 'Warten Sie einen Moment und versuchen Sie es erneut.'],
    maintenance: ['Der Dienst wird gerade erneuert.', 'Versuchen Sie es gleich noch einmal.'],
    'not-transferred': ['Das Gespräch ließ sich nicht übergeben.', 'Sie sind weiter verbunden.'],
    problem: ['Etwas hat nicht geklappt.', 'Versuchen Sie es erneut.'],
  },
  warnings: {
    'high-rtt': [
      'Die Verbindung ist langsam.',
      'Es kann Pausen geben. Nehmen Sie ein Kabel, oder gehen Sie näher zum Router.',
    ],
    'high-jitter': [
      'Die Verbindung ist ungleichmäßig.',
      'Halten Sie Downloads an, oder gehen Sie näher zum Router.',
    ],
    'low-mos': ['Der Ton ist schlecht.', 'Versuchen Sie ein Kabel oder ein anderes Netz.'],
    'high-packet-loss': [
      'Ein Teil des Tons geht verloren.',
      'Gehen Sie näher zum Router, oder nehmen Sie ein Kabel.',
    ],
    'high-packets-lost-fraction': ['Viel vom Ton geht verloren.', 'Versuchen Sie ein anderes Netz.'],
    'low-bytes-sent': ['Von Ihnen wird nichts gesendet.', 'Prüfen Sie Ihr Netz.'],
    'low-bytes-received': ['Von der anderen Seite kommt nichts an.', 'Prüfen Sie Ihr Netz.'],
    'constant-audio-input-level': [
      'Ihr Mikrofon klingt die ganze Zeit gleich.',
      'Prüfen Sie, ob es das richtige ist.',
    ],
    'ice-connectivity-lost': ['Die Verbindung ist abgerissen.', 'Wir stellen sie wieder her.'],
    'one-way-audio': [
      'Sie hören die andere Seite offenbar nicht.',
      'Prüfen Sie die Lautsprecher, und fragen Sie, ob drüben stumm geschaltet ist.',
    ],
    'low-local-audio': [
      'Ihr Mikrofon gibt keinen Ton.',
      'Suchen Sie einen Schalter am Headset, oder wählen Sie ein anderes.',
    ],
    'speaking-while-muted': ['Sie sind stumm geschaltet.', 'Heben Sie das auf, um gehört zu werden.'],
    'relay-in-use': ['Das Gespräch nimmt einen Umweg.', 'Ihr Netz lässt es nicht direkt durch.'],
    'path-changed': ['Das Netz hat gewechselt.', ''],
    'cpu-limited': [
      'Dieser Rechner ist ausgelastet.',
      'Schließen Sie andere Programme, oder schalten Sie die Kamera aus.',
    ],
    'frozen-video': ['Das Bild steht still.', 'Der Ton geht weiter.'],
    'sink-lost': ['Der Lautsprecher ist weg.', 'Der Ton kommt jetzt aus einem anderen.'],
  },
};
