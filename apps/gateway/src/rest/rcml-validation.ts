import { parseRcml, parseRcmlBytes, type Complaint, type ParseResult } from '@parley/rcml';

/** What a document's author is told: whether it runs, and what is to be said about it, in the order of the text. */
export interface RcmlReport {
  /** Whether a gateway would run it. It may, with complaints. */
  readonly valid: boolean;
  /** What a text that is no document looks like. */
  readonly looksLike?: string;
  readonly complaints: readonly RcmlComplaint[];
}

export interface RcmlComplaint {
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  readonly code: number;
  /** What is wrong. */
  readonly message: string;
  /** What would be right. */
  readonly remedy: string;
}

/**
 * Reads a document as a call would. It is the body itself, or the field `Rcml` (or `Twiml`) of a form. A body that is
 * said to be something else than text is read as a gateway would read an answer of that type.
 */
export function validateRcml(body: Buffer, contentType: string): RcmlReport {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/x-www-form-urlencoded') {
    const form = new URLSearchParams(body.toString('utf8'));
    const written = form.get('Rcml') ?? form.get('Twiml');
    // Programs that post a file often say that it is a form.
    if (written !== null) return report(parseRcml(written));
  }
  const isDocument = type === 'text/xml' || type.endsWith('/xml') || type.endsWith('+xml');
  return report(parseRcmlBytes(body, { contentType: isDocument ? contentType : 'text/xml', url: '' }));
}

/** The report of a text that has been read. */
export function report(parsed: ParseResult): RcmlReport {
  const complaints = parsed.complaints.map(complaintOf);
  return parsed.ok ? { valid: true, complaints } : { valid: false, looksLike: parsed.looksLike, complaints };
}

function complaintOf({ at, severity, code, message, remedy }: Complaint): RcmlComplaint {
  return { line: at.line, column: at.column, severity, code, message, remedy };
}
