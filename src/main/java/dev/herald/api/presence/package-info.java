/**
 * Who is online: the question, the snapshot, the feed of changes and the digest that lets a back end mend its own
 * table, besides whom to watch and whom to look after first. Reads what presence left in PostgreSQL, and asks it over
 * the bus for the rest.
 */
@NullMarked
package dev.herald.api.presence;

import org.jspecify.annotations.NullMarked;
