namespace Sks.HkpAdapter.Pages;

/// <summary>A page for people.</summary>
internal abstract class Page
{
    /// <summary>Its title, as text.</summary>
    public abstract string Title { get; }

    /// <summary>What the search field holds already.</summary>
    public virtual string Search => "";

    /// <summary>Whether the page shows what was read from certificates, which nobody has verified.</summary>
    public virtual bool ShowsUnverified => false;

    /// <summary>Writes what stands in its frame.</summary>
    public abstract void WriteBody(Markup html);
}
