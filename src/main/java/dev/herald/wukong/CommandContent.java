package dev.herald.wukong;

import dev.herald.model.Payload;
import io.vertx.core.json.JsonObject;

/** What a command says to a client (wukong-interfaces section 5.1). */
public final class CommandContent {
    private static final int TYPE = 99;

    private CommandContent() {}

    public static Payload of(String command, JsonObject param) {
        return Payload.of(
                JsonObject.of("type", TYPE, "cmd", command, "param", param).encode());
    }
}
