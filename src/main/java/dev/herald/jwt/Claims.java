package dev.herald.jwt;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;

/**
 * What a token proves (RFC 7519 section 4, and two claims of Herald's own that stand for what {@code /user/token} stores).
 *
 * @param deviceFlag the only one that it is good for; empty for any
 * @param master whether the device is one (wukong-interfaces section 1.6)
 * @param issuedAt 1970 for a token that does not say: any device_quit may have come after it
 */
public record Claims(String uid, OptionalInt deviceFlag, boolean master, Instant issuedAt) {
    private static final int MAX_FLAG = 255;

    /** Later than this is a mistake, most often milliseconds for seconds. */
    private static final double MAX_SECONDS = 253_402_300_799.0;

    /** @param claims of a token whose signature is good */
    static Claims read(JsonObject claims, Expected expected, Instant now) {
        Instant earliest = now.minus(expected.leeway());
        Instant latest = now.plus(expected.leeway());
        Instant expires = time(claims, "exp");
        if (!expires.isAfter(earliest)) {
            throw JwtCheck.refused("expired " + Duration.between(expires, now).toSeconds() + " s ago");
        }
        Instant issued = claims.containsKey("iat") ? time(claims, "iat") : Instant.EPOCH;
        if (issued.isAfter(latest)
                || (claims.containsKey("nbf") && time(claims, "nbf").isAfter(latest))) {
            throw JwtCheck.refused("is not valid yet");
        }
        expected.issuer().ifPresent(issuer -> check(issuer.equals(claims.getValue("iss")), "iss", issuer));
        expected.audience().ifPresent(audience -> check(isFor(claims.getValue("aud"), audience), "aud", audience));
        if (!(claims.getValue("sub") instanceof String uid)) {
            throw JwtCheck.refused("must have the uid as its claim sub");
        }
        return new Claims(
                uid,
                number(claims, "device_flag", MAX_FLAG),
                number(claims, "device_level", 1).orElse(0) == 1,
                issued);
    }

    private static void check(boolean holds, String claim, String wanted) {
        if (!holds) {
            throw JwtCheck.refused("must have the claim " + claim + " " + wanted);
        }
    }

    private static boolean isFor(Object audience, String wanted) {
        return audience instanceof JsonArray many ? many.contains(wanted) : wanted.equals(audience);
    }

    private static Instant time(JsonObject claims, String name) {
        if (!(claims.getValue(name) instanceof Number seconds)
                || !(seconds.doubleValue() >= 0 && seconds.doubleValue() <= MAX_SECONDS)) {
            throw JwtCheck.refused("must have the claim " + name + ", in seconds since 1970");
        }
        return Instant.ofEpochMilli((long) (seconds.doubleValue() * 1_000));
    }

    private static OptionalInt number(JsonObject claims, String name, int max) {
        Object value = claims.getValue(name);
        if (value == null) {
            return OptionalInt.empty();
        }
        if (!(value instanceof Integer number) || number < 0 || number > max) {
            throw JwtCheck.refused("its claim " + name + " must be an integer from 0 to " + max);
        }
        return OptionalInt.of(number);
    }
}
