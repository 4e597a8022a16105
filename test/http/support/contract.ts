import { type ApiDocument, Contract } from '../../../bench/fuzz/contract';
import openApi from '../../../openapi.json';

/** What the service promises in openapi.json. */
export const CONTRACT = new Contract(openApi as unknown as ApiDocument);
