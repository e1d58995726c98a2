/**
 * JSON Web Tokens that clients show instead of stored ones: whose they are, and whether to believe them. It owns the
 * issuer's keys, and touches the network only to fetch them.
 */
@NullMarked
package dev.herald.jwt;

import org.jspecify.annotations.NullMarked;
