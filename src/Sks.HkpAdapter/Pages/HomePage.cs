namespace Sks.HkpAdapter.Pages;

/// <summary>Where people arrive: search and upload.</summary>
internal sealed class HomePage : Page
{
    public override string Title => "OpenPGP keyserver";

    public override void WriteBody(Markup html) => html.Raw("""
        <h1>OpenPGP keyserver</h1>
        <section class="card">
        <h2>Find a key</h2>
        <p>Search above by e-mail address, name, key ID or fingerprint. A fingerprint is the only sure way to name a key.</p>
        <p class="soft">With GnuPG: <span class="mono">gpg --keyserver hkp://this.host --recv-keys FINGERPRINT</span></p>
        </section>
        <section class="card">
        <h2>Publish a key</h2>
        <form action="/pks/add" method="post">
        <p><label for="keytext">Armored public key, beginning with <span class="mono">-----BEGIN PGP PUBLIC KEY BLOCK-----</span></label></p>
        <p><textarea id="keytext" name="keytext" rows="10" required spellcheck="false" autocomplete="off"></textarea></p>
        <p><button type="submit">Publish</button></p>
        </form>
        <p class="soft">A published key spreads to other keyservers, with the names and addresses in it, and can hardly be taken back. Never send a secret key.</p>
        </section>

        """);
}
