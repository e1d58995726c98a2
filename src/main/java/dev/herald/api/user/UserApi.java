package dev.herald.api.user;

import dev.herald.account.SystemAccounts;
import dev.herald.api.http.Routes;
import dev.herald.bus.Bus;
import dev.herald.channel.Channels;
import dev.herald.config.HeraldConfig;
import dev.herald.device.Devices;
import dev.herald.postgres.PgClients;

/** Users: how they get in, and who is in. */
public final class UserApi {
    private UserApi() {}

    public static void mount(Routes routes, Channels channels, HeraldConfig config, Bus bus, PgClients pg) {
        new UserRoutes(bus, channels, new Devices(pg)).mount(routes);
        new SystemAccountRoutes(new SystemAccounts(pg), bus, pg).mount(routes);
        new AddressRoutes(new ClientAddresses(config)).mount(routes);
        new ConnectionRoutes(bus).mount(routes);
    }
}
