/** Names and values as they are sent, in order; a name may come twice. */
export type FormParams = readonly (readonly [name: string, value: string])[];
