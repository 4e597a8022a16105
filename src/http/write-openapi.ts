import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { Ledger } from '../ledger/ledger';
import { createLogger } from '../platform/logging';
import { openApiDocument } from './openapi';
import { createApplication } from './server';

/** The text of openapi.json as the code has it now. */
export const openApiText = async (): Promise<string> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'yichi-openapi-'));
  const ledger = await Ledger.open({ dataDir, eventLog: 'memory:' });
  try {
    const application = await createApplication(ledger, { dataDir }, createLogger('silent'));
    const text = `${JSON.stringify(openApiDocument(application), null, 2)}\n`;
    await application.close();
    return text;
  } finally {
    await ledger.close();
    rmSync(dataDir, { recursive: true });
  }
};

if (require.main === module) {
  void openApiText().then((text) => writeFileSync(resolve('openapi.json'), text));
}
