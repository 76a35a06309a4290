import { SystemError } from '../framework/systemError.js';
import { trimAscii } from '../framework/text.js';
import { MAX_FIELD_LIST_BYTES, MAX_FIELD_NAME_BYTES, MAX_TABLE_NAME_BYTES } from '../limits.js';
import type { TableDefinition } from '../ports.js';
import { userTableName } from './systemTables.js';

/** Texts for a broken rule; TableFactory and KVTableFactory have different ones, and receipts show them. */
export interface NameMessages {
  tableName(name: string): string;
  fieldStart(name: string): string;
  fieldCharacters(name: string): string;
  duplicate(name: string): string;
}

const ALLOWED = /^[A-Za-z0-9$_@]*$/;

/**
 * Reads the arguments of createTable. The order of the checks decides which message a receipt holds.
 * @param name without the prefix; may be empty
 * @param fieldList names of the value fields with commas between them
 * @throws SystemError for the first rule that is broken
 */
export function readTableDefinition(
  name: string,
  keyField: string,
  fieldList: string,
  messages: NameMessages,
): TableDefinition {
  const key = trimAscii(keyField);
  const fields = fieldList.split(',').map((field) => trimAscii(field));
  for (const field of [key, ...fields]) {
    if (field.length > MAX_FIELD_NAME_BYTES) {
      throw new SystemError(`table field name length overflow ${MAX_FIELD_NAME_BYTES}`);
    }
  }
  if (!ALLOWED.test(name)) throw new SystemError(messages.tableName(name));
  requireFieldName(key, messages);
  const seen = new Set([key]);
  for (const field of fields) {
    if (seen.has(field)) throw new SystemError(messages.duplicate(field));
    seen.add(field);
    requireFieldName(field, messages);
  }
  if (fields.join(',').length > MAX_FIELD_LIST_BYTES) {
    throw new SystemError(`total table field name length overflow ${MAX_FIELD_LIST_BYTES}`);
  }
  const fullName = userTableName(name);
  if (fullName.length > MAX_TABLE_NAME_BYTES)
    throw new SystemError(`tableName length overflow ${MAX_TABLE_NAME_BYTES}`);
  return { name: fullName, keyField: key, valueFields: fields };
}

function requireFieldName(field: string, messages: NameMessages): void {
  if (field === '' || field.startsWith('_')) throw new SystemError(messages.fieldStart(field));
  if (!ALLOWED.test(field)) throw new SystemError(messages.fieldCharacters(field));
}
