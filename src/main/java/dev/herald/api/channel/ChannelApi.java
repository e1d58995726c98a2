package dev.herald.api.channel;

import dev.herald.api.http.Routes;
import dev.herald.bus.Bus;
import dev.herald.channel.Channels;
import dev.herald.trail.Trail;

/** Channels, their members and lists. */
public final class ChannelApi {
    private ChannelApi() {}

    public static void mount(Routes routes, Channels channels, Bus bus, Trail trail) {
        ChannelChanges changes = new ChannelChanges(channels, bus, trail);
        new ChannelRoutes(channels, changes).mount(routes);
        new MemberRoutes(changes).mount(routes);
        new ListRoutes(channels, changes).mount(routes);
        new ReadRoutes(channels).mount(routes);
    }
}
