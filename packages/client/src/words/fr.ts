import type { Words } from './in-words.ts';

export const fr: Words = {
  locale: 'fr',
  problems: {
    'microphone-denied': [
      'Le microphone n’est pas autorisé.',
      'Autorisez-le dans les réglages de ce site, puis réessayez.',
    ],
    'microphone-in-use': [
      'Le microphone est inutilisable.',
      'Fermez les autres programmes qui l’utilisent, ou choisissez-en un autre.',
    ],
    'microphone-missing': ['Il n’y a pas de microphone.', 'Branchez-en un, puis réessayez.'],
    'camera-denied': [
      'La caméra n’est pas autorisée.',
      'Autorisez-la dans les réglages de ce site, puis réessayez.',
    ],
    'camera-in-use': [
      'La caméra est inutilisable.',
      'Fermez les autres programmes qui l’utilisent, ou choisissez-en une autre.',
    ],
    'camera-missing': ['Il n’y a pas de caméra.', 'Branchez-en une, ou continuez sans.'],
    'insecure-page': ['Cette page ne peut pas utiliser le microphone.', 'Ouvrez-la avec https:// au début.'],
    'no-connection': ['Il n’y a pas de connexion.', 'Vérifiez votre réseau. Nous continuons d’essayer.'],
    'signed-out': ['Vous êtes déconnecté.', 'Connectez-vous à nouveau.'],
    'not-allowed': ['Vous n’y êtes pas autorisé.', 'Adressez-vous à la personne qui vous a donné ce compte.'],
    'no-way': [
      'Le son ne passe pas.',
      'Un pare-feu ou un VPN fait peut-être obstacle ; essayez un autre réseau.',
    ],
    'old-browser': [
      'Ce navigateur est trop ancien pour téléphoner.',
      'Mettez-le à jour, ou prenez-en un autre.',
    ],
    'call-over': ['L’appel est terminé.', ''],
    'answered-elsewhere': ['L’appel a été pris sur un autre appareil.', ''],
    'too-much': ['C’était trop à la fois.', 'Attendez un instant, puis réessayez.'],
    maintenance: ['Le service est en cours de mise à jour.', 'Réessayez dans un instant.'],
    'not-transferred': ['L’appel n’a pas pu être transféré.', 'Vous êtes toujours en communication.'],
    problem: ['Quelque chose n’a pas fonctionné.', 'Réessayez.'],
  },
  warnings: {
    'high-rtt': [
      'La connexion est lente.',
      'Il peut y avoir des pauses. Prenez un câble, ou rapprochez-vous du routeur.',
    ],
    'high-jitter': [
      'La connexion est irrégulière.',
      'Arrêtez les téléchargements, ou rapprochez-vous du routeur.',
    ],
    'low-mos': ['Le son est mauvais.', 'Essayez un câble ou un autre réseau.'],
    'high-packet-loss': ['Une partie du son se perd.', 'Rapprochez-vous du routeur, ou prenez un câble.'],
    'high-packets-lost-fraction': ['Une grande partie du son se perd.', 'Essayez un autre réseau.'],
    'low-bytes-sent': ['Rien n’est envoyé de votre côté.', 'Vérifiez votre réseau.'],
    'low-bytes-received': ['Rien n’arrive de l’autre côté.', 'Vérifiez votre réseau.'],
    'constant-audio-input-level': [
      'Votre microphone donne toujours le même son.',
      'Vérifiez que c’est le bon.',
    ],
    'ice-connectivity-lost': ['La connexion est interrompue.', 'Nous la rétablissons.'],
    'one-way-audio': [
      'Vous ne semblez pas entendre l’autre côté.',
      'Vérifiez vos haut-parleurs, et demandez si le micro d’en face est coupé.',
    ],
    'low-local-audio': [
      'Votre microphone ne donne aucun son.',
      'Cherchez un interrupteur sur le casque, ou choisissez-en un autre.',
    ],
    'speaking-while-muted': ['Votre micro est coupé.', 'Rétablissez-le pour être entendu.'],
    'relay-in-use': ['L’appel fait un détour.', 'Votre réseau ne le laisse pas passer directement.'],
    'path-changed': ['Le réseau a changé.', ''],
    'cpu-limited': ['Cet ordinateur est surchargé.', 'Fermez d’autres programmes, ou éteignez la caméra.'],
    'frozen-video': ['L’image est figée.', 'Le son continue.'],
    'sink-lost': ['Le haut-parleur a disparu.', 'Le son sort maintenant d’un autre.'],
  },
};
