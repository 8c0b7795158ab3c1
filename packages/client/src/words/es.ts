import type { Words } from './in-words.ts';

export const es: Words = {
  locale: 'es',
  problems: {
    'microphone-denied': [
      'El micrófono no está permitido.',
      'Permítalo en los ajustes de este sitio y vuelva a intentarlo.',
    ],
    'microphone-in-use': [
      'No se puede usar el micrófono.',
      'Cierre otros programas que lo usen, o elija otro.',
    ],
    'microphone-missing': ['No hay ningún micrófono.', 'Conecte uno y vuelva a intentarlo.'],
    'camera-denied': [
      'La cámara no está permitida.',
      'Permítala en los ajustes de este sitio y vuelva a intentarlo.',
    ],
    'camera-in-use': ['No se puede usar la cámara.', 'Cierre otros programas que la usen, o elija otra.'],
    'camera-missing': ['No hay ninguna cámara.', 'Conecte una, o siga sin ella.'],
    'insecure-page': ['Esta página no puede usar el micrófono.', 'Ábrala con https:// delante.'],
    'no-connection': ['No hay conexión.', 'Compruebe su red. Seguimos intentándolo.'],
    'signed-out': ['Ha terminado su sesión.', 'Inicie sesión de nuevo.'],
    'not-allowed': ['No tiene permiso para esto.', 'Pregunte a quien le dio esta cuenta.'],
    'no-way': ['El sonido no pasa.', 'Puede que lo impida un cortafuegos o una VPN; pruebe otra red.'],
    'old-browser': ['Este navegador es demasiado antiguo para llamar.', 'Actualícelo, o use otro.'],
    'call-over': ['La llamada ha terminado.', ''],
    'answered-elsewhere': ['Se contestó la llamada en otro dispositivo.', ''],
    'too-much': ['Fue demasiado a la vez.', 'Espere un momento y vuelva a intentarlo.'],
    maintenance: ['El servicio se está actualizando.', 'Vuelva a intentarlo en un momento.'],
    'not-transferred': ['No se pudo transferir la llamada.', 'Sigue conectado.'],
    problem: ['Algo no ha funcionado.', 'Vuelva a intentarlo.'],
  },
  warnings: {
    'high-rtt': ['La conexión es lenta.', 'Puede haber pausas. Use un cable, o acérquese al router.'],
    'high-jitter': ['La conexión es irregular.', 'Detenga las descargas, o acérquese al router.'],
    'low-mos': ['El sonido es malo.', 'Pruebe con un cable u otra red.'],
    'high-packet-loss': ['Se pierde parte del sonido.', 'Acérquese al router, o use un cable.'],
    'high-packets-lost-fraction': ['Se pierde mucho sonido.', 'Pruebe otra red.'],
    'low-bytes-sent': ['No se envía nada de su parte.', 'Compruebe su red.'],
    'low-bytes-received': ['No llega nada del otro lado.', 'Compruebe su red.'],
    'constant-audio-input-level': ['Su micrófono suena siempre igual.', 'Compruebe que es el correcto.'],
    'ice-connectivity-lost': ['Se ha perdido la conexión.', 'La estamos restableciendo.'],
    'one-way-audio': [
      'Parece que no oye al otro lado.',
      'Compruebe los altavoces, y pregunte si han silenciado el micrófono.',
    ],
    'low-local-audio': [
      'Su micrófono no da sonido.',
      'Busque un interruptor en los auriculares, o elija otro.',
    ],
    'speaking-while-muted': ['Está silenciado.', 'Active el micrófono para que le oigan.'],
    'relay-in-use': ['La llamada da un rodeo.', 'Su red no la deja pasar directamente.'],
    'path-changed': ['La red ha cambiado.', ''],
    'cpu-limited': ['Este ordenador está sobrecargado.', 'Cierre otros programas, o apague la cámara.'],
    'frozen-video': ['La imagen está parada.', 'El sonido sigue.'],
    'sink-lost': ['El altavoz ya no está.', 'El sonido sale ahora por otro.'],
  },
};
