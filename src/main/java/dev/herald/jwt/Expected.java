package dev.herald.jwt;

import java.time.Duration;
import java.util.Optional;

/**
 * What tokens must say to be meant for this server.
 *
 * @param leeway by which the clock of the issuer may be off
 */
record Expected(Optional<String> issuer, Optional<String> audience, Duration leeway) {}
