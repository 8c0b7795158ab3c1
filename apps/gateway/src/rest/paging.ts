import * as v from 'valibot';
import { wholeNumber, text } from './fields.ts';
import type { RestRequest } from './operation.ts';

const PAGE_SIZE_MAX = 1000;

/** What every list takes. */
export const PAGE_FIELDS = {
  Page: v.optional(wholeNumber(0, 1_000_000, 'Which page, from 0.'), '0'),
  PageSize: v.optional(
    v.pipe(
      wholeNumber(1, 1_000_000_000, 'How many to a page: 50, and 1000 at most.'),
      // Twilio's libraries ask for as many as their caller wants in all.
      v.transform((size) => Math.min(size, PAGE_SIZE_MAX)),
    ),
    '50',
  ),
  PageToken: v.optional(
    text(32, 'Part of the next page’s address; keeps pages from shifting while calls are made.'),
  ),
};

export interface Paging {
  readonly Page: number;
  readonly PageSize: number;
  readonly PageToken?: string | undefined;
}

/** Which rows of the whole list make up the page. */
export function pageRows(paging: Paging): { readonly offset: number; readonly limit: number } {
  return { offset: paging.Page * paging.PageSize, limit: paging.PageSize };
}

/** Up to when things of this list were made: what came after its first page was asked for is not in it. */
export function pageEdgeMs({ PageToken }: Paging): number | undefined {
  return PageToken !== undefined && /^\d{1,15}$/.test(PageToken) ? Number(PageToken) : undefined;
}

export interface PageContent {
  /** The name of the list: `calls`. */
  readonly key: string;
  /** Its path below the account: `/Calls`. */
  readonly path: string;
  readonly items: readonly object[];
  readonly total: number;
  /** For a list that grows at its beginning: when the newest of this list was made. */
  readonly newestMs?: number | undefined;
}

/** A page as Twilio's libraries read it; `num_pages`, `total` and `last_page_uri` are RestComm's. */
export function pageAnswer(request: RestRequest, paging: Paging, content: PageContent): object {
  const { Page: page, PageSize: size } = paging;
  const { key, items, total } = content;
  const edgeMs = pageEdgeMs(paging) ?? (content.newestMs === undefined ? undefined : content.newestMs + 1);
  const at = (index: number): string => pageUri(request, content.path, { page: index, size, edgeMs });
  const pages = Math.ceil(total / size);
  const start = page * size;
  return {
    [key]: items,
    page,
    page_size: size,
    num_pages: pages,
    total,
    start,
    end: Math.max(start, start + items.length - 1),
    uri: at(page),
    first_page_uri: at(0),
    previous_page_uri: page > 0 ? at(page - 1) : null,
    next_page_uri: page + 1 < pages ? at(page + 1) : null,
    last_page_uri: at(Math.max(0, pages - 1)),
  };
}

function pageUri(
  request: RestRequest,
  path: string,
  place: { readonly page: number; readonly size: number; readonly edgeMs: number | undefined },
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.fields)) {
    if (name in PAGE_FIELDS) continue;
    for (const one of [value].flat()) query.append(name, one);
  }
  query.set('Page', String(place.page));
  query.set('PageSize', String(place.size));
  if (place.edgeMs !== undefined && place.page > 0) query.set('PageToken', String(place.edgeMs));
  return `${request.root}${path}.json?${query.toString()}`;
}
