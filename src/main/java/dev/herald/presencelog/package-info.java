/**
 * What was told of users' presence, in PostgreSQL: the events and the state that they leave each user in, written as
 * one. It also owns what was found to be wrong, the digest of all, whom clients watch and which users matter more.
 */
@NullMarked
package dev.herald.presencelog;

import org.jspecify.annotations.NullMarked;
