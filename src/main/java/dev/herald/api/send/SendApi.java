package dev.herald.api.send;

import dev.herald.api.http.Routes;
import dev.herald.bus.Bus;
import dev.herald.channel.Channels;
import dev.herald.postgres.PgClients;
import dev.herald.trail.Trail;

/** Messages and commands to be sent, and what has become of commands. */
public final class SendApi {
    private SendApi() {}

    public static void mount(Routes routes, Channels channels, Bus bus, PgClients pg, Trail trail) {
        CommandSends commands = new CommandSends(bus, pg, channels);
        new SendRoutes(bus, commands, trail).mount(routes);
        new InboxRoutes(bus).mount(routes);
        new ProgressRoutes(bus, pg).mount(routes);
    }
}
