'use strict';

/**
 * Gives the application a user of its own on the server, with no more rights than it needs: reading $all, reading and
 * writing streams, and nothing of the server's administration. Run again, it changes nothing but the password.
 *
 *   node docker/users.js <https://server:2113> <esdb://server:2113?…>
 *   ADMIN_PASSWORD_FILE, YICHI_PASSWORD_FILE: files with the passwords
 */
const { readFileSync } = require('node:fs');

const { EventStoreDBClient, jsonEvent } = require('@eventstore/db-client');

const USER = 'yichi';
const GROUP = 'yichi-nodes';
const ATTEMPTS = 30;
const PAUSE_MS = 2000;

const secret = (name) => readFileSync(process.env[name], 'utf8').trim();

const request = async (base, path, method, body, password) => {
  const answer = await fetch(new URL(path, base), {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
  return answer.status;
};

const requireDone = (what, status, ...allowed) => {
  if (!allowed.includes(status)) throw new Error(`${what}: HTTP ${status}`);
};

const makeUser = async (base, adminPassword, password) => {
  const fullName = 'Yichi';
  const groups = [GROUP];
  const status = await request(base, '/users/', 'POST', { loginName: USER, fullName, groups, password }, adminPassword);
  if (status === 201) return;
  requireDone('the user', status, 409);
  requireDone('its groups', await request(base, `/users/${USER}`, 'PUT', { fullName, groups }, adminPassword), 200);
  const reset = `/users/${USER}/command/reset-password`;
  requireDone('its password', await request(base, reset, 'POST', { newPassword: password }, adminPassword), 200);
};

/** Who may do what: with streams of the ledger, with the server's own, and with $all. */
const setRights = async (client, credentials) => {
  const nodes = ['$admins', GROUP];
  const rights = jsonEvent({
    type: 'update-default-acl',
    data: {
      $userStreamAcl: { $r: nodes, $w: nodes, $d: '$admins', $mr: nodes, $mw: '$admins' },
      $systemStreamAcl: { $r: '$admins', $w: '$admins', $d: '$admins', $mr: '$admins', $mw: '$admins' },
    },
  });
  await client.appendToStream('$settings', rights, { credentials });
  await client.setStreamMetadata('$all', { acl: { readRoles: nodes } }, { credentials });
};

const main = async ([base, address]) => {
  const adminPassword = secret('ADMIN_PASSWORD_FILE');
  const password = secret('YICHI_PASSWORD_FILE');
  const client = EventStoreDBClient.connectionString(address);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await makeUser(base, adminPassword, password);
      await setRights(client, { username: 'admin', password: adminPassword });
      break;
    } catch (error) {
      // A cluster that has just started has no leader yet.
      if (attempt === ATTEMPTS) throw error;
      process.stderr.write(`${error.message}; trying again\n`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  await client.dispose();
  process.stdout.write(`user ${USER} is ready\n`);
};

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
