package dev.herald.socket;

import dev.herald.config.HeraldConfig;
import dev.herald.config.HeraldConfig.Client.Auth;
import dev.herald.device.Standing;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.jwt.Claims;
import dev.herald.jwt.JwtCheck;
import dev.herald.model.DeviceFlag;
import dev.herald.model.Uid;
import dev.herald.wire.Frame.Connect;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides who may connect. */
final class Login {
    private static final int MAX_DEVICE_ID_BYTES = 255;

    /** Accounts that act for the server (wukong-interfaces sections 1.9 and 3.4): no client is one of them. */
    private static final Set<String> RESERVED = Set.of(Uid.SYSTEM, "____manager");

    /** Where the devices stand. */
    @FunctionalInterface
    interface Register {
        Future<Standing> find(String uid, int flag);
    }

    private final Register register;
    private final boolean tokens;
    private final @Nullable JwtCheck jwt;

    /** Believes every client, or asks for stored tokens, or takes JSON Web Tokens, too. */
    Login(Vertx vertx, HeraldConfig.Client config, Register register, MeterRegistry meters) {
        this.register = register;
        this.tokens = config.auth() != Auth.NONE;
        this.jwt = config.auth() == Auth.JWT ? JwtCheck.of(vertx, config.jwt(), meters) : null;
    }

    /** Says whether the device is a master; fails with a {@link Refusal} if the client may not connect. */
    Future<Boolean> prove(Connect connect) {
        String problem = problem(connect);
        if (!problem.isEmpty()) {
            return Future.failedFuture(Refusal.unproven(problem));
        }
        return register.find(connect.uid(), connect.deviceFlag()).compose(standing -> judge(connect, standing));
    }

    /**
     * Asks once more, when the registry knows the session: a token that was withdrawn after {@link #prove} is noticed
     * here, one that is withdrawn later finds the session to kick.
     */
    Future<Void> confirm(Connect connect) {
        return tokens ? prove(connect).mapEmpty() : Future.succeededFuture();
    }

    Future<Void> stop() {
        return jwt == null ? Future.succeededFuture() : jwt.stop();
    }

    private String problem(Connect connect) {
        String uid = Uid.problem(connect.uid());
        if (!uid.isEmpty()) {
            return "uid: " + uid;
        }
        if (RESERVED.contains(connect.uid())) {
            return "uid: is reserved";
        }
        if (connect.deviceFlag() < 0 || connect.deviceFlag() > DeviceFlag.MAX) {
            return "deviceFlag: must be from 0 to " + DeviceFlag.MAX;
        }
        if (connect.deviceId().getBytes(StandardCharsets.UTF_8).length > MAX_DEVICE_ID_BYTES) {
            return "deviceId: must not be longer than " + MAX_DEVICE_ID_BYTES + " bytes";
        }
        return tokens && connect.token().isEmpty() ? "token: must not be empty" : "";
    }

    private Future<Boolean> judge(Connect connect, Standing standing) {
        return master(connect, standing)
                .compose(master ->
                        standing.banned() ? Future.failedFuture(Refusal.banned()) : Future.succeededFuture(master));
    }

    private Future<Boolean> master(Connect connect, Standing standing) {
        if (!tokens) {
            return Future.succeededFuture(false);
        }
        if (standing.proves(connect.token())) {
            return Future.succeededFuture(standing.isMaster());
        }
        return jwt == null
                ? Future.failedFuture(Refusal.unproven("token: is not the one of this device"))
                : jwt.check(connect.token())
                        .map(claims -> master(connect, standing, claims))
                        .recover(cause -> Future.failedFuture(
                                HeraldException.failureOf(cause) == Failure.UNAUTHENTICATED
                                        ? Refusal.unproven(String.valueOf(cause.getMessage()))
                                        : cause));
    }

    private static boolean master(Connect connect, Standing standing, Claims claims) {
        if (!claims.uid().equals(connect.uid())) {
            throw Refusal.unproven("token: is of another user");
        }
        if (claims.deviceFlag().orElse(connect.deviceFlag()) != connect.deviceFlag()) {
            throw Refusal.unproven("token: is for another device flag");
        }
        if (!standing.admits(claims.issuedAt())) {
            throw Refusal.unproven("token: was issued before the device was told to quit");
        }
        return claims.master();
    }
}
