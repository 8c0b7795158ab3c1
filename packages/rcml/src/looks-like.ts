import type { Flaw } from './scan.ts';
import { isCharacter } from './tree.ts';

/** Recognises what is certainly no RCML before anything is parsed, so that its complaint can say what it is. */
export function looksLikeAtSight(text: string): Flaw | undefined {
  return (
    wordProcessorFile(text.slice(0, 512)) ??
    htmlPage(text) ??
    forbiddenCharacter(text) ??
    nothingButText(text)
  );
}

// Rich text, a zip archive (docx, odt), the older compound file, and PDF.
const fileMarks = ['{\\rtf', 'PK\u0003\u0004', '\u00D0\u00CF\u0011\u00E0', '%PDF-'];

/** Recognises the file of a word processor by its beginning, given as text or with one unit for each byte. */
export function wordProcessorFile(beginning: string): Flaw | undefined {
  const begin = beginning.trimStart();
  const hasMark = fileMarks.some((mark) => begin.startsWith(mark));
  if (
    !hasMark &&
    !/urn:schemas-microsoft-com:office|<\?mso-application|schemas\.openxmlformats\.org/.test(begin)
  ) {
    return undefined;
  }
  return {
    looksLike: 'word-processor-file',
    index: 0,
    message: 'This is a file of a word processor.',
    remedy: 'Save it as plain text.',
  };
}

function htmlPage(text: string): Flaw | undefined {
  // The page must begin the answer: what follows a document is another mistake.
  const index = endOfProlog(text);
  if (!/^<(?:!doctype\s+html|html[\s>])/i.test(text.slice(index, index + 40))) return undefined;
  const isLogin = /type\s*=\s*["']?password|\b(?:log|sign)[\s-]?in\b/i.test(text);
  return {
    looksLike: isLogin ? 'login-page' : 'html-page',
    index,
    message: isLogin ? 'This is a web page that asks to log in.' : 'This is a web page.',
    remedy: isLogin
      ? 'Let the URL answer without a log-in; the signature of the request shows who asks.'
      : 'Use the URL of the document itself, and look for an error page of the web server.',
  };
}

/** Where blanks, comments and instructions end. */
function endOfProlog(text: string): number {
  let index = 0;
  for (;;) {
    while (index < text.length && text.charAt(index).trim() === '') index++;
    const mark = text.startsWith('<!--', index) ? '-->' : text.startsWith('<?', index) ? '>' : undefined;
    const end = mark === undefined ? -1 : text.indexOf(mark, index);
    if (mark === undefined || end < 0) return index;
    index = end + mark.length;
  }
}

function forbiddenCharacter(text: string): Flaw | undefined {
  for (let index = 0; index < text.length; index++) {
    const code = text.codePointAt(index) ?? 0;
    if (!isCharacter(code)) {
      return {
        looksLike: 'wrong-encoding',
        index,
        message: `The character U+${code.toString(16).toUpperCase().padStart(4, '0')} may not stand in XML.`,
        remedy: 'Send the bytes in the encoding that is declared, best UTF-8.',
      };
    }
    if (code > 0xffff) index++;
  }
  return undefined;
}

function nothingButText(text: string): Flaw | undefined {
  const index = text.search(/[^\s\uFEFF]/);
  if (index < 0) {
    return {
      looksLike: 'empty',
      index: 0,
      message: text === '' ? 'The answer is empty: zero bytes.' : 'The answer holds nothing but blanks.',
      remedy: 'Answer with <Response></Response> where nothing is to be done.',
    };
  }
  if (text[index] === '<') return undefined;
  return {
    looksLike: 'bare-text',
    index,
    message: text.includes('<Response')
      ? 'There is text before <Response>.'
      : 'The answer is text, not RCML.',
    remedy: text.includes('<Response')
      ? 'Begin with <Response>: look for what else the web server prints.'
      : 'Put it into <Response><Say>…</Say></Response>, or serve it as text/plain to have it spoken.',
  };
}
