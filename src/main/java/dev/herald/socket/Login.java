package dev.herald.socket;

import dev.herald.device.Standing;
import dev.herald.model.DeviceFlag;
import dev.herald.model.Uid;
import dev.herald.wire.Frame.Connect;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.Set;

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

    /** @param tokens false if every client is believed */
    Login(Register register, boolean tokens) {
        this.register = register;
        this.tokens = tokens;
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
        if (tokens && !standing.proves(connect.token())) {
            return Future.failedFuture(Refusal.unproven("token: is not the one of this device"));
        }
        if (standing.banned()) {
            return Future.failedFuture(Refusal.banned());
        }
        return Future.succeededFuture(tokens && standing.isMaster());
    }
}
