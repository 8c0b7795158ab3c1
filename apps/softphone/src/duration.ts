/** How long, as a telephone shows it: `0:07`, `12:34`, `1:02:03`. Never negative, whatever the clocks say. */
export function formatDuration(durationMs: number): string {
  const total = Math.max(0, Math.floor(durationMs / 1000));
  const seconds = total % 60;
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  const tail = String(seconds).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** How long, as a person says it: `7 seconds`, `12 minutes 34 seconds`, `1 hour 2 minutes`. For screen readers. */
export function spokenDuration(durationMs: number): string {
  const total = Math.max(0, Math.floor(durationMs / 1000));
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  const seconds = total % 60;
  if (hours > 0) return join([count(hours, 'hour'), minutes > 0 ? count(minutes, 'minute') : '']);
  if (minutes > 0) return join([count(minutes, 'minute'), seconds > 0 ? count(seconds, 'second') : '']);
  return count(seconds, 'second');
}

function count(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
