/** What was told of users' presence, in PostgreSQL: the events and the state that they leave each user in. */
@NullMarked
package dev.herald.presencelog;

import org.jspecify.annotations.NullMarked;
