/**
 * What was told of users' presence, in PostgreSQL: the events and the state that they leave each user in, written as
 * one. It also owns whom clients watch and which users matter more.
 */
@NullMarked
package dev.herald.presencelog;

import org.jspecify.annotations.NullMarked;
